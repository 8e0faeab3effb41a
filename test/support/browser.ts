import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

/** An answer to a browser. */
export interface Page {
  readonly status: number;
  readonly location: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** A browser that keeps cookies as browsers do (RFC 6265, sections 5.1.4 and 5.4), and follows nothing by itself. */
export class Browser {
  readonly #cookies = new Map<string, { readonly text: string; readonly path: string }>();
  readonly #ca: string | undefined;

  /** @param ca the certificate of an authority to trust */
  constructor(ca?: string) {
    this.#ca = ca;
  }

  /** The header with the cookies for an address. */
  cookiesFor(url: string): string {
    const { pathname } = new URL(url);
    return [...this.#cookies]
      .filter(([, { path }]) => pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`))
      .map(([name, { text }]) => `${name.split(' ')[0]}=${text}`)
      .join('; ');
  }

  get(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Page> {
    return this.#send('GET', url, { headers });
  }

  /** Sends a form. */
  post(url: string, fields: Readonly<Record<string, string>>): Promise<Page> {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return this.#send('POST', url, { headers, body: String(new URLSearchParams(fields)) });
  }

  #send(
    method: string,
    url: string,
    { headers, body = '' }: { headers: Readonly<Record<string, string>>; body?: string },
  ): Promise<Page> {
    const { protocol } = new URL(url);
    const cookie = this.cookiesFor(url);
    const send = protocol === 'https:' ? requestHttps : requestHttp;
    const all = { ...headers, ...(cookie === '' ? {} : { cookie }), 'content-length': String(Buffer.byteLength(body)) };
    return new Promise((resolve, reject) => {
      const sending = send(url, { method, headers: all, agent: false, ca: this.#ca }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        answer.on('end', () => {
          for (const line of answer.headers['set-cookie'] ?? []) this.#keep(line);
          const { statusCode: status = 0, headers: answered } = answer;
          const location = answered.location && new URL(answered.location, url).href;
          resolve({ status, location, headers: answered, text });
        });
      });
      sending.on('error', reject);
      sending.end(body);
    });
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const name = pair.slice(0, pair.indexOf('='));
    const path = attributes.find((one) => /^path=/i.test(one))?.slice(5) ?? '/';
    const text = pair.slice(pair.indexOf('=') + 1);
    if (text === '') this.#cookies.delete(`${name} ${path}`);
    else this.#cookies.set(`${name} ${path}`, { text, path });
  }
}
