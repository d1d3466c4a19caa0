/** How much an answer of one minute holds. */
export const rowsPerAnswer = 12;

const beijingSeconds = 8 * 3600;

/**
 * What Get_LivePushStatHistory answers to a request with this URL or path: a row each five seconds of the last minute
 * asked for. About 1.4 kB.
 */
export function statcgiAnswer(url: string): string {
  const end = Number(/end_time=(\d+)/.exec(url)?.[1]);
  const number = Number(/stream_id=room-(\d+)/.exec(url)?.[1]);
  // An answer about another time would be skipped, and its streams would seem to take no memory.
  if (Number.isNaN(end + number)) throw new Error(`not asked for a stream and a time: ${url}`);
  const rows: string[] = [];
  for (let row = 0; row < rowsPerAnswer; row++) {
    const second = end - (rowsPerAnswer - 1 - row) * 5;
    const time = new Date((second + beijingSeconds) * 1000).toISOString().slice(0, 19).replace('T', ' ');
    rows.push(
      `{"time":"${time}","client_ip":"192.0.${2 + (number >> 8)}.${number & 255}","server_ip":"198.51.100.9",` +
        `"fps":${24 + ((second + number) % 3)},"speed":${2_400_000 + ((second * 7919 + number) % 900_000)}}`,
    );
  }
  const output = `[{"stream_info":[${rows.join(',')}]}]`;
  return `{"errmsg":"","message":"query data successfully","output":${output},"ret":0,"retcode":0}`;
}
