import { once } from 'node:events';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { connect, type TLSSocket } from 'node:tls';
import { createRegistry, Health, type InternalTls, type Logger, loadInternalTls, silentLogger } from '@bedside/kit';
import { makeTempDir } from '@bedside/kit/temp-dir';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createInternal, type Internal } from '../up/internal.ts';
import { type Files, makeAuthority } from './support/authority.ts';
import { rawExchange } from './support/http.ts';

const POLL_MS = 20;
const KEYS = '{"keys":[]}';

describe('what machines ask of each other', () => {
  const stack = new AsyncDisposableStack();
  const told: string[] = [];
  const heard = new Map<string, PromiseWithResolvers<void>>();
  let files: Files;
  let renewed: Files;
  let friend: Files;
  let stranger: Files;
  let internal: Internal;
  let asFriend: InternalTls;

  /** Resolves when the event is logged the next time. */
  const hearing = (event: string): Promise<void> => {
    const resolvers = Promise.withResolvers<void>();
    heard.set(event, resolvers);
    return resolvers.promise;
  };
  const note = (event: string): void => {
    told.push(event);
    heard.get(event)?.resolve();
  };
  const log: Logger = { ...silentLogger, info: note, error: note };

  beforeAll(async () => {
    const dir = stack.use(await makeTempDir());
    const organization = makeAuthority(dir.path, 'organization');
    files = organization.certify('core');
    renewed = organization.certify('core-renewed');
    friend = organization.certify('signaling');
    stranger = { ...makeAuthority(dir.path, 'elsewhere').certify('stranger'), caFile: organization.caFile };
    const tls = await loadInternalTls({ files, log, pollMs: POLL_MS });
    asFriend = await loadInternalTls({ files: friend, log: silentLogger });
    stack.defer(() => {
      tls.close();
      asFriend.close();
    });
    internal = stack.use(
      await createInternal({
        host: '127.0.0.1',
        port: 0,
        tls,
        core: { handle: (_req, res) => void res.setHeader('content-type', 'application/json').end(KEYS) },
        registry: createRegistry(),
        health: new Health(),
      }),
    );
  });
  afterAll(() => stack.disposeAsync());

  const urlOf = (path: string) => `https://127.0.0.1:${internal.port}${path}`;
  const speak = async (who: Partial<Files>): Promise<TLSSocket> =>
    connect({
      host: '127.0.0.1',
      port: internal.port,
      ca: await readFile(files.caFile),
      ...(who.certFile && { cert: await readFile(who.certFile) }),
      ...(who.keyFile && { key: await readFile(who.keyFile) }),
    });
  const subjectAt = async (): Promise<string | undefined> => {
    const socket = await speak(friend);
    await once(socket, 'secureConnect');
    const { subject } = socket.getPeerCertificate();
    socket.destroy();
    return String(subject.CN);
  };

  test('a machine of the organization is answered, without anything to be kept', async () => {
    const keys = await asFriend.fetch(urlOf('/.well-known/jwks.json'), {});
    expect([keys.status, await keys.text()]).toEqual([200, KEYS]);
    expect(await (await asFriend.fetch(urlOf('/metrics'), {})).text()).toContain('process_cpu');
    expect((await asFriend.fetch(urlOf('/healthz'), {})).status).toBe(200);
    expect((await asFriend.fetch(urlOf('/readyz'), {})).status).toBe(200);
    expect((await asFriend.fetch(urlOf('/api/v1/me'), {})).status).toBe(404);
  });

  test.each([
    ['shows no certificate', () => ({})],
    ['shows one of another authority', () => stranger],
  ])('whoever %s gets no answer', async (_what, who) => {
    const socket = await speak(who());
    let answer = '';
    socket.on('data', (data) => {
      answer += String(data);
    });
    // Refused after its own side of the handshake is done: by an alert, or by the end of the connection.
    const refused = new Promise((resolve) => socket.on('error', () => undefined).once('close', resolve));
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    await refused;
    expect(answer).toBe('');
  });

  test('whoever speaks in the clear gets no answer', async () => {
    const answer = await rawExchange(internal.port, 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(answer).not.toContain('process_cpu');
  });

  test('a server of another authority is not believed', async () => {
    const distrustful = await loadInternalTls({
      files: { ...friend, caFile: stranger.certFile },
      log: silentLogger,
    });
    await expect(distrustful.fetch(urlOf('/healthz'), {})).rejects.toThrow(/certificate|issuer/);
    distrustful.close();
  });

  test('renewed files are used without a restart, broken ones are told of and not used, and nobody is dropped', async () => {
    const kept = await speak(friend);
    await once(kept, 'secureConnect');
    const ask = async (): Promise<string> => {
      const answer = once(kept, 'data');
      kept.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
      return String(await answer);
    };
    expect(await ask()).toMatch(/^HTTP\/1.1 200/);
    expect(await subjectAt()).toBe('core');

    const refused = hearing('internal-certificate-refused');
    await writeFile(files.certFile, 'no certificate');
    await refused;
    expect(await subjectAt()).toBe('core');

    const reloaded = hearing('internal-certificate-reloaded');
    await copyFile(renewed.keyFile, files.keyFile);
    await copyFile(renewed.certFile, files.certFile);
    await reloaded;
    expect(await subjectAt()).toBe('core-renewed');
    expect(await ask()).toMatch(/^HTTP\/1.1 200/);
    kept.destroy();
  });
});
