import { createServer } from 'node:net';
import { obey } from './commands.ts';
import { statcgiAnswer } from './statcgi-answer.ts';

/** Answers as the statistics API does, with as little work as can be: what is measured is the other side. */
const server = createServer((socket) => {
  let asked = '';
  socket.setNoDelay();
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    asked += chunk.toString('latin1');
    if (!asked.endsWith('\r\n\r\n')) return;
    const body = statcgiAnswer(asked.slice(0, asked.indexOf('\r\n')));
    asked = '';
    socket.write(
      `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
  });
});

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  obey({ port: () => (typeof address === 'object' ? address?.port : undefined) });
});
