import { answerParent } from '../kit/library-worker.ts';
import { askAlibabaLibrary } from './library.ts';

/* Script of the thread that asks the credential library of Alibaba Cloud. */

await answerParent(async (task) => askAlibabaLibrary(await import('@alicloud/credentials'), task));
