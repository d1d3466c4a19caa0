import { createServer } from 'node:net';
import { api3Answer } from './api3-answer.ts';
import { serveCommands } from './commands.ts';
import { statcgiAnswer } from './statcgi-answer.ts';

/** Minimal server that responds like the statistics API, since the bench measures the client. */
const server = createServer((socket) => {
  let received = '';
  socket.setNoDelay();
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
    const body = answerTo(received);
    if (body === undefined) return;
    received = '';
    socket.write(
      `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
  });
});

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  serveCommands({ port: () => (typeof address === 'object' ? address?.port : undefined) });
});

/** Returns the response body to a complete request: a GET of the statistics API, or a POST of API 3.0. */
function answerTo(request: string): string | undefined {
  const headEnd = request.indexOf('\r\n\r\n');
  if (headEnd === -1) return undefined;
  if (request.startsWith('GET')) return statcgiAnswer(request.slice(0, request.indexOf('\r\n')));
  const body = request.slice(headEnd + 4);
  const length = Number(/content-length: *(\d+)/i.exec(request)?.[1]);
  return body.length < length ? undefined : api3Answer(body);
}
