import { createHash, createHmac, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { unwrapLocally, wrapLocally } from '../../src/phi/kek/local-wrap.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
export const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET, sessionToken: 'session-token' };

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Signature Version 4 as AWS's documentation has it, checked from the other side. */
const isSigned = (request: IncomingMessage, body: string): boolean => {
  const { authorization = '' } = request.headers;
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/kms\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      authorization,
    );
  if (match === null) return false;
  const [, id, date = '', region = '', signedHeaders = '', signature] = match;
  const at = String(request.headers['x-amz-date']);
  if (id !== CREDENTIALS.accessKeyId || !at.startsWith(date)) return false;
  const names = signedHeaders.split(';');
  if (!['host', 'x-amz-date', 'x-amz-security-token', 'x-amz-target'].every((name) => names.includes(name)))
    return false;
  const headers = names.map((name) => `${name}:${String(request.headers[name]).trim()}\n`).join('');
  const canonical = ['POST', '/', '', headers, signedHeaders, sha256(body)].join('\n');
  const scope = `${date}/${region}/kms/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', at, scope, sha256(canonical)].join('\n');
  const key = ['kms', 'aws4_request'].reduce(hmac, hmac(hmac(`AWS4${SECRET}`, date), region));
  return hmac(key, toSign).toString('hex') === signature;
};

/** AWS KMS as far as Encrypt and Decrypt go, over HTTP on the loopback. */
export const startFakeKms = async () => {
  const keys = new Map<string, Buffer>();
  const asked: string[] = [];
  let failure: string | undefined;
  const answer = (operation: string, body: Record<string, unknown>): unknown => {
    const keyId = String(body.KeyId);
    const key = keys.get(keyId);
    if (key === undefined) return { __type: 'NotFoundException' };
    const context = { organization: JSON.stringify(body.EncryptionContext), owner: keyId, version: 1 };
    if (operation === 'TrentService.Encrypt') {
      const wrapped = wrapLocally(key, Buffer.from(String(body.Plaintext), 'base64'), context);
      return { KeyId: keyId, CiphertextBlob: wrapped.toString('base64') };
    }
    try {
      const plain = unwrapLocally(key, Buffer.from(String(body.CiphertextBlob), 'base64'), context);
      return { KeyId: keyId, Plaintext: plain.toString('base64') };
    } catch {
      return { __type: 'com.amazonaws.kms#InvalidCiphertextException' };
    }
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const operation = String(request.headers['x-amz-target']);
      asked.push(operation);
      const told: unknown =
        failure !== undefined
          ? { __type: failure }
          : isSigned(request, body)
            ? answer(operation, JSON.parse(body))
            : { __type: 'InvalidSignatureException' };
      const isError = typeof told === 'object' && told !== null && '__type' in told;
      response.writeHead(isError ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(told));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    asked,
    addKey: (id: string) => void keys.set(id, randomBytes(32)),
    failWith: (type: string | undefined) => {
      failure = type;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
