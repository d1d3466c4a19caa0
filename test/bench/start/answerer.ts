import { createServer } from 'node:http';

/*
 * A provider that answers every call of Get_LivePushStatHistory at once: 12 samples, one each five seconds up to the end
 * that was asked for. A child process; tells its parent where it is, and when so many streams were asked about.
 */

const expected = Number(process.argv[2]);
const asked = new Set<string>();

const server = createServer((request, response) => {
  const query = new URL(request.url ?? '', 'http://localhost').searchParams;
  const end = Math.floor(Number(query.get('Param.n.end_time')) / 5) * 5;
  response.setHeader('content-type', 'application/json');
  response.end(answerUpTo(end));
  const stream = query.get('Param.s.stream_id') ?? '';
  if (asked.has(stream)) return;
  asked.add(stream);
  if (asked.size === expected) process.send?.({ isAllAsked: true });
});

let answer = '';
let answerEnd = 0;

/** The same for all streams. */
function answerUpTo(end: number): string {
  if (end === answerEnd) return answer;
  const rows = Array.from({ length: 12 }, (_, i) => ({
    time: end - 5 * (11 - i),
    client_ip: '192.0.2.1',
    server_ip: '198.51.100.1',
    fps: 25,
    speed: 2_500_000,
  }));
  answer = JSON.stringify({ errmsg: '', message: '', ret: 0, retcode: 0, output: [{ stream_info: rows }] });
  answerEnd = end;
  return answer;
}

// The parent is gone.
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) process.send?.({ port: address.port });
});
