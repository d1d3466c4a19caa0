import { answerParent } from '../kit/library-worker.ts';
import { askTencentLibrary } from './library.ts';

/* Script of the thread that asks the credential library of Tencent Cloud. */

await answerParent(async (task) => askTencentLibrary(await import('tencentcloud-sdk-nodejs-common'), task));
