import type { RequestHandler } from 'express';
import type { Clock } from '../model/time.ts';
import { clientOf } from './client.ts';
import {
  maxConcurrentViews,
  maxWaitingRequests,
  maxWaitMs,
  retryAfterSeconds,
  tooManyViewsText,
} from './limits.ts';
import { createResponseSlots } from './response-slots.ts';
import { sendText } from './responses.ts';

/**
 * Creates the limit that the status page and the JSON API share. Returns a function that wraps a handler: it runs as
 * soon as fewer than `maxConcurrentViews` responses are in progress. If that takes too long, the client gets 503.
 */
export function createViewLimit(clock: Pick<Clock, 'elapsed' | 'sleep' | 'yieldNow'>) {
  const slots = createResponseSlots({ max: maxConcurrentViews, maxWaiting: maxWaitingRequests, clock });
  return <Params>(handler: RequestHandler<Params>): RequestHandler<Params> =>
    async (request, response, next) => {
      if (await slots.acquire(response, clientOf(request), maxWaitMs)) {
        await handler(request, response, next);
      } else if (!response.closed && !request.socket.destroyed) {
        response.set('Retry-After', String(retryAfterSeconds));
        sendText(response, 503, tooManyViewsText);
      }
    };
}
