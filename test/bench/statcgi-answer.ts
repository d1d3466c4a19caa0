/** Rows of one minute. */
export const rowsPerAnswer = 12;

const beijingSeconds = 8 * 3600;

/**
 * Returns the response of Get_LivePushStatHistory to a request with this URL or path: a row for each five
 * seconds of the last requested minute, about 1.4 kB.
 */
export function statcgiAnswer(url: string): string {
  const end = Number(/end_time=(\d+)/.exec(url)?.[1]);
  const number = Number(/stream_id=room-(\d+)/.exec(url)?.[1]);
  // Rows of another time would be skipped, and their streams would seem to need no memory.
  if (Number.isNaN(end + number)) throw new Error(`no stream and end time in the request: ${url}`);
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
