/** Fetches as a browser without scripts does: keeps cookies by path and follows redirects while they stay on `origin`. */
export const createCookieBrowser = (origin: string) => {
  const jar = new Map<string, { value: string; path: string }>();

  const keep = (response: Response): void => {
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split('; ');
      const [name = '', value = ''] = pair.split(/=(.*)/s);
      const path = attributes.find((attribute) => attribute.startsWith('path='))?.slice(5) ?? '/';
      if (value === '') jar.delete(name);
      else jar.set(name, { value, path });
    }
  };
  const send = async (url: URL, init: RequestInit): Promise<Response> => {
    const cookie = [...jar]
      .filter(([, { path }]) => url.pathname.startsWith(path))
      .map(([name, { value }]) => `${name}=${value}`);
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { ...init.headers, cookie: cookie.join('; ') },
    });
    keep(response);
    return response;
  };

  /** Gives the last response, or the first redirect that leaves for `until`. */
  const open = async (address: string, options: { form?: Record<string, string>; until?: string } = {}) => {
    let url = new URL(address, origin);
    let response = await send(
      url,
      options.form === undefined ? {} : { method: 'POST', body: new URLSearchParams(options.form) },
    );
    for (let hops = 0; hops < 10 && response.status >= 300 && response.status < 400; hops++) {
      url = new URL(response.headers.get('location') ?? '', url);
      if (options.until !== undefined && url.href.startsWith(options.until)) break;
      response = await send(url, {});
    }
    return { url, response };
  };
  return { open };
};
