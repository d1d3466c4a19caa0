import { createServer } from 'node:http';

/*
 * Child process: a provider that responds to Get_LivePushStatHistory immediately with 12 samples, one for
 * each five seconds before the requested end. Sends its port to the parent, and a message when it has
 * received requests for all streams.
 */

const expected = Number(process.argv[2]);
const requested = new Set<string>();

const server = createServer((request, response) => {
  const query = new URL(request.url ?? '', 'http://localhost').searchParams;
  const end = Math.floor(Number(query.get('Param.n.end_time')) / 5) * 5;
  response.setHeader('content-type', 'application/json');
  response.end(answerUpTo(end));
  const stream = query.get('Param.s.stream_id') ?? '';
  if (requested.has(stream)) return;
  requested.add(stream);
  if (requested.size === expected) process.send?.({ allRequested: true });
});

let answer = '';
let answerEnd = 0;

/** Returns the same response for all streams. */
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

// The parent has exited.
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) process.send?.({ port: address.port });
});
