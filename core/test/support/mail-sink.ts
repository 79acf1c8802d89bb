import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { SMTPServer } from 'smtp-server';

export interface Mail {
  readonly to: string[];
  /** As it came over the wire. */
  readonly raw: string;
}

/** An SMTP server that keeps what it takes. `refuse` answers with that status in place of taking the message. */
export interface MailSink extends AsyncDisposable {
  readonly port: number;
  readonly mails: Mail[];
  refuse: number | undefined;
}

const textOf = async (stream: Readable): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
};

export const startMailSink = async (): Promise<MailSink> => {
  const mails: Mail[] = [];
  const sink: { refuse: number | undefined } = { refuse: undefined };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, session, done) => {
      void textOf(stream).then((raw) => {
        if (sink.refuse !== undefined) {
          done(Object.assign(new Error('refused'), { responseCode: sink.refuse }));
          return;
        }
        mails.push({ to: session.envelope.rcptTo.map(({ address }) => address), raw });
        done();
      });
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    get refuse() {
      return sink.refuse;
    },
    set refuse(status) {
      sink.refuse = status;
    },
    [Symbol.asyncDispose]: async () => {
      const closed = Promise.withResolvers<void>();
      server.close(closed.resolve);
      await closed.promise;
    },
  };
};
