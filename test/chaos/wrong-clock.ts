import { readFileSync } from 'node:fs';

/**
 * What the exporter is given before itself (`--import`): its wall clock is wrong by as many milliseconds as a file says,
 * from its first look on, and soon after the file changes. The clock that only goes forward is left alone. A file, since
 * it outlives a kill -9.
 */
const file = process.env.CHAOS_CLOCK_FILE ?? '';
const everyMs = 20;

const read = () => Number(readFileSync(file, 'utf8'));
const rightNow = Date.now;
let aheadMs = read();
const wrongNow = () => rightNow() + aheadMs;

// So it is never set in the midst of some work, as a real clock may be.
setInterval(() => {
  aheadMs = read();
}, everyMs).unref();

globalThis.Date = new Proxy(Date, {
  construct: (target, args, made) => Reflect.construct(target, args.length === 0 ? [wrongNow()] : args, made),
  get: (target, name, proxy) => (name === 'now' ? wrongNow : Reflect.get(target, name, proxy)),
});
