import type { Response } from 'express';
import { shareRuns } from '../model/shared-runs.ts';
import { createSlices, type InSlices } from '../model/slices.ts';
import { createTaskQueue } from '../model/task-queue.ts';
import type { Clock } from '../model/time.ts';

/** Maximum time in ms for which rendering a view blocks the event loop before it yields. */
const sliceMs = 2;

/** Renders a response body. Undefined if the client has disconnected. */
type Render<Body extends string | undefined> = (inSlices: InSlices) => Promise<Body>;

export type Rendering = ReturnType<typeof createRendering>;

/**
 * Creates the part that renders the status page and the JSON API. It renders one response at a time, in slices of
 * the event loop, so that neither many streams nor many clients delay scrapes and polls.
 */
export function createRendering(clock: Pick<Clock, 'elapsed' | 'yieldNow'>) {
  const inSlices = createSlices({ ...clock, sliceMs, itemsPerClockRead: 1 });
  const inOrder = createTaskQueue();

  async function renderBody<Body extends string | undefined>(render: Render<Body>) {
    const text = await render(inSlices);
    // Convert the text once, even if many clients receive it.
    return text === undefined ? undefined : Buffer.from(text);
  }

  return {
    /** Renders one response. */
    render: (render: Render<string | undefined>): Promise<Buffer | undefined> =>
      inOrder(() => renderBody(render)),
    /** Wraps `render`: requests that come before a run begins share its result. */
    shared: (render: Render<string>): (() => Promise<Buffer | undefined>) =>
      shareRuns(() => inOrder(() => renderBody(render))),
    /** Sends a body. If many clients receive the same body, the event loop runs between two of them. */
    async send(response: Response, type: 'html' | 'json', body: Buffer | undefined): Promise<void> {
      await inOrder(clock.yieldNow);
      if (body === undefined || response.closed) return;
      response.set('Cache-Control', 'no-store').type(type).send(body);
    },
  };
}
