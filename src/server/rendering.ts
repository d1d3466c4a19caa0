import type { Response } from 'express';
import { shareRuns } from '../model/shared-runs.ts';
import { createSlices, type InSlices } from '../model/slices.ts';
import { createTaskQueue } from '../model/task-queue.ts';
import type { Clock } from '../model/time.ts';

/** Maximum time in ms for which rendering a view blocks the event loop before it yields. */
const sliceMs = 2;

/**
 * Renders a response body. Resolves with undefined if there is nothing to send, such as after a disconnect.
 */
export type Render = (inSlices: InSlices) => Promise<string | undefined>;

type BodyType = 'html' | 'json';

export type Rendering = ReturnType<typeof createRendering>;

/**
 * Creates the part that renders the status page and the JSON API. It renders one response at a time, in
 * slices of the event loop, so that neither many streams nor many clients delay scrapes and polls.
 */
export function createRendering(clock: Pick<Clock, 'elapsed' | 'yieldNow'>) {
  const inSlices = createSlices({ ...clock, sliceMs, itemsPerClockRead: 1 });
  const inOrder = createTaskQueue();

  async function renderBody(render: Render): Promise<Buffer | undefined> {
    const text = await render(inSlices);
    // Convert the text once, even if many clients receive it.
    return text === undefined ? undefined : Buffer.from(text);
  }

  async function sendBody(response: Response, type: BodyType, body: Buffer | undefined): Promise<void> {
    await clock.yieldNow();
    if (body === undefined || response.closed) return;
    response.set('Cache-Control', 'no-store').type(type).send(body);
  }

  return {
    /** Renders and sends one response before the next one is rendered, so that no bodies wait in memory. */
    respond: (response: Response, type: BodyType, render: Render): Promise<void> =>
      inOrder(async () => sendBody(response, type, await renderBody(render))),
    /** Wraps `render`: requests that come before a run begins share its result. */
    shared: (render: Render): (() => Promise<Buffer | undefined>) =>
      shareRuns(() => inOrder(() => renderBody(render))),
    /** Sends a shared body. If many clients receive it, the event loop runs between two of them. */
    send: (response: Response, type: BodyType, body: Buffer | undefined): Promise<void> =>
      inOrder(() => sendBody(response, type, body)),
  };
}
