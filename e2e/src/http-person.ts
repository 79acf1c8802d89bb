import { randomUUID } from 'node:crypto';
import type { Appointment, EncounterId, Grant, Me } from '@bedside/protocol';
import type { CallCore, DemoPerson } from './people.ts';
import { openRawSignaling, type RawSignaling } from './raw-signaling.ts';

/** Somebody signed in without a browser, for what needs no page. */
export interface HttpPerson {
  readonly me: Me;
  /** As a `Cookie` header has it. */
  readonly cookie: string;
  /** Calls core as a page of its origin does. */
  readonly call: CallCore;
  nextVisit(): Promise<Appointment>;
  /** A signaling connection, with this person's cookie, on which nothing was said yet. */
  connect(): Promise<RawSignaling>;
  /** A signaling connection up to the answer of `hello`. */
  hello(encounterId: EncounterId): Promise<RawSignaling>;
}

const MAX_HOPS = 12;

/** Follows redirects by hand, because the way in sets and clears cookies at each of them. */
const walkIn = async (origin: string, person: DemoPerson): Promise<Map<string, string>> => {
  const cookies = new Map<string, string>();
  const cookieHeader = (): string => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const send = async (url: URL, init: RequestInit = {}): Promise<Response> => {
    const headers = { accept: 'text/html', cookie: cookieHeader(), origin };
    const response = await fetch(url, { ...init, redirect: 'manual', headers });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const [name = '', value = ''] = pair.split(/=(.*)/s);
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  };
  let url = new URL('/auth/login', origin);
  let response = await send(url);
  for (let hops = 0; hops < MAX_HOPS; hops += 1) {
    const location = response.headers.get('location');
    if (location !== null) {
      url = new URL(location, url);
      if (url.pathname === '/') return cookies;
      response = await send(url);
      continue;
    }
    const button = [...(await response.text()).matchAll(/value="([^"]+)"[\s\S]*?class="name">([^<]+)</g)].find(
      ([, , name]) => name === person,
    );
    if (button?.[1] === undefined) throw new Error(`the demo issuer does not list ${person}`);
    response = await send(url, { method: 'POST', body: new URLSearchParams({ subject: button[1] }) });
  }
  throw new Error('the sign-in does not end');
};

export const signInByHttp = async (origin: string, person: DemoPerson): Promise<HttpPerson> => {
  const cookie = [...(await walkIn(origin, person))].map(([name, value]) => `${name}=${value}`).join('; ');
  const call: CallCore = async (method, path, body) => {
    const response = await fetch(new URL(path, origin), {
      method,
      headers: { cookie, origin, 'content-type': 'application/json', 'idempotency-key': randomUUID() },
      ...(method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path.split('?')[0]}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  const connect = (): Promise<RawSignaling> => openRawSignaling({ origin, cookie });
  return {
    me: (await call('GET', '/api/v1/me')) as Me,
    cookie,
    call,
    nextVisit: async () => {
      const { appointments } = (await call('GET', '/api/v1/appointments')) as { appointments: Appointment[] };
      const [next] = appointments;
      if (next === undefined) throw new Error(`${person} has no visit`);
      return next;
    },
    connect,
    hello: async (encounterId) => {
      const { token } = (await call('POST', `/api/v1/encounters/${encounterId}/grant`)) as Grant;
      const connection = await connect();
      const answer = await connection.ask('hello', { encounterId, grant: token });
      if (!('ok' in answer && answer.ok)) throw new Error(`hello was refused: ${JSON.stringify(answer)}`);
      return connection;
    },
  };
};

/** Patient and provider in one visit, over signaling alone: they can write, and have no media. */
export const meetByHttp = async (people: { patient: HttpPerson; provider: HttpPerson; encounterId: EncounterId }) => {
  const { patient, provider, encounterId } = people;
  const host = await provider.hello(encounterId);
  await host.ask('ready', { rtpCapabilities: { codecs: [] } });
  const guest = await patient.hello(encounterId);
  await guest.ask('ready', { rtpCapabilities: { codecs: [] } });
  const admitted = guest.heardEvent('room', (data) => JSON.stringify(data).includes('"admitted"'));
  await host.ask('admit', { personId: patient.me.person.id });
  await admitted;
  return { guest, host };
};
