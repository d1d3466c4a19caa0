import { createServer } from 'node:net';
import { serveCommands } from './commands.ts';
import { statcgiAnswer } from './statcgi-answer.ts';

/** Minimal server that responds like the statistics API, since the bench measures the client. */
const server = createServer((socket) => {
  let received = '';
  socket.setNoDelay();
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
    if (!received.endsWith('\r\n\r\n')) return;
    const body = statcgiAnswer(received.slice(0, received.indexOf('\r\n')));
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
