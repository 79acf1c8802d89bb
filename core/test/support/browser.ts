export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Parsed JSON; `undefined` where the body is none. */
  readonly body: unknown;
  readonly code: unknown;
}

interface RequestOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is, in place of a JSON body. */
  readonly raw?: string;
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** As much of a browser as HTTP sees: a cookie jar by host, redirects not followed, `Origin` on writes. */
export class Browser {
  readonly #origin: string;
  readonly #jars = new Map<string, Map<string, string>>();

  constructor(origin: string, cookies: Readonly<Record<string, string>> = {}) {
    this.#origin = origin;
    this.#jars.set(new URL(origin).host, new Map(Object.entries(cookies)));
  }

  cookie(name: string, url = this.#origin): string | undefined {
    return this.#jars.get(new URL(url).host)?.get(name);
  }

  setCookie(name: string, value: string, url = this.#origin): void {
    const { host } = new URL(url);
    this.#jars.set(host, (this.#jars.get(host) ?? new Map()).set(name, value));
  }

  get(path: string, options: RequestOptions = {}): Promise<Answer> {
    return this.send('GET', path, options);
  }

  /** As the site's own pages send it. */
  post(path: string, body: unknown = {}, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.write('POST', path, body, headers);
  }

  write(
    method: string,
    path: string,
    body: unknown = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    return this.send(method, path, {
      body,
      headers: { origin: this.#origin, 'content-type': 'application/json', ...headers },
    });
  }

  async send(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    const url = new URL(path, this.#origin);
    const jar = this.#jars.get(url.host) ?? new Map<string, string>();
    this.#jars.set(url.host, jar);
    const body = options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '), ...options.headers },
      ...(body === undefined ? {} : { body }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';');
      const name = pair.slice(0, pair.indexOf('='));
      const gone = attributes.some((attribute) => /^\s*(max-age=0|expires=thu, 01 jan 1970)/i.test(attribute));
      if (gone) jar.delete(name);
      else jar.set(name, pair.slice(pair.indexOf('=') + 1));
    }
    const text = await response.text();
    const parsed = parse(text);
    const code = typeof parsed === 'object' && parsed !== null && 'code' in parsed ? parsed.code : undefined;
    return { status: response.status, headers: response.headers, text, body: parsed, code };
  }

  /** Follows redirects by GET until an answer is none, or until `until` says it leads where the test wants to look. */
  async follow(
    path: string,
    until: (location: string) => boolean = () => false,
  ): Promise<{ answer: Answer; url: string }> {
    let url = new URL(path, this.#origin).href;
    for (let hops = 0; hops < 12; hops++) {
      const answer = await this.get(url);
      const location = answer.headers.get('location');
      if (location === null || until(new URL(location, url).href)) return { answer, url };
      url = new URL(location, url).href;
    }
    throw new Error('too many redirects');
  }
}
