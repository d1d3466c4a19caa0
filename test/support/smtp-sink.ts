import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

/** SMTP server without TLS that accepts and records every message. */
export interface SmtpSink extends AsyncDisposable {
  /** host:port. */
  readonly address: string;
  /** Headers and body of each message. */
  readonly messages: readonly string[];
}

export async function startSmtpSink(): Promise<SmtpSink> {
  const messages: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let data: string | undefined;
    let rest = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (data === undefined) {
          if (line === 'DATA') data = '';
          socket.write(`${line === 'DATA' ? '354 go on' : line === 'QUIT' ? '221 bye' : '250 ok'}\r\n`);
        } else if (line === '.') {
          messages.push(data);
          data = undefined;
          socket.write('250 ok\r\n');
        } else {
          data += `${line}\n`;
        }
      }
    });
    socket.write('220 sink\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  return {
    address: `127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}`,
    messages,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
