import { createTransport } from 'nodemailer';
import { DeliveryError, type Transport } from '../notifications/transport.ts';
import { type EgressPort, EgressRefused } from './port.ts';

export interface SmtpConfig {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (RFC 8314 §3.3); otherwise STARTTLS. */
  readonly isImplicitTls: boolean;
  /** False on the machine itself alone. */
  readonly requiresTls: boolean;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** `From`, as RFC 5322 §3.4 has it. */
  readonly from: string;
}

const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_TIMEOUT_MS = 20_000;
const CONNECTIONS = 2;

const numberOf = (error: unknown, field: string): number | undefined => {
  const value = typeof error === 'object' && error !== null ? Reflect.get(error, field) : undefined;
  return typeof value === 'number' ? value : undefined;
};

/**
 * 5yz to the receiver or the message is final, 4yz is for now (RFC 5321 §4.2.1). Whatever else fails (connection, TLS,
 * signing in) is the operator's to mend, so it is tried again.
 */
const deliveryError = (error: unknown): DeliveryError => {
  const status = numberOf(error, 'responseCode');
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
  const isOfMessage = code === 'EENVELOPE' || code === 'EMESSAGE';
  return new DeliveryError(status === undefined ? code.slice(0, 40) : String(status), {
    isFinal: isOfMessage && status !== undefined && status >= 500,
    cause: error,
  });
};

/**
 * E-mail (RFC 5321), over TLS but for a server on the machine itself. Whoever runs the server learns who is a patient, so
 * each message asks the port, that of a server on the machine too: it hands mail on to others.
 */
export const smtpTransport = (config: SmtpConfig, port: Pick<EgressPort, 'require'>): Transport => {
  const mailer = createTransport({
    pool: true,
    maxConnections: CONNECTIONS,
    // A connection that is lost while a message is under way is told to us; sending it again is our decision.
    maxRequeues: 0,
    host: config.host,
    port: config.port,
    secure: config.isImplicitTls,
    requireTLS: config.requiresTls && !config.isImplicitTls,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    dnsTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: IDLE_TIMEOUT_MS,
    idleTimeout: IDLE_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(config.user === undefined ? {} : { auth: { user: config.user, pass: config.password ?? '' } }),
  });
  // The name of the sender's domain, so that a message's id is the same from whichever host it leaves.
  const domain = /@([^\s@>]+)>?\s*$/.exec(config.from)?.[1] ?? 'localhost';
  return {
    send: async (message) => {
      try {
        await port.require(config.host, message.departure);
        await mailer.sendMail({
          from: config.from,
          to: { name: '', address: message.to },
          subject: message.subject,
          text: message.text,
          messageId: `<${message.id}@${domain}>`,
          // RFC 3834 §5: nobody's out-of-office notice should answer.
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
      } catch (error) {
        // Tried again: an agreement may be on its way to being recorded.
        if (error instanceof EgressRefused) throw new DeliveryError(error.code, { isFinal: false, cause: error });
        throw deliveryError(error);
      }
    },
    close: () => mailer.close(),
  };
};
