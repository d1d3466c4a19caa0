import { hourMs } from '../../../model/time.ts';

/**
 * UTC offset in ms of times without a time zone. Source: the international documentation, which calls such
 * times of requests Beijing time. Not documented: the zone of such times in responses.
 */
export const beijingOffsetMs = 8 * hourMs;
