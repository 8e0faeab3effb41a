import { changeDirectory } from '@cosell/server/domain/directory/change-directory';
import { Browser, type Page } from './browser.ts';
import { organizations } from './sample.ts';
import { givePassword as giveAnyPassword, makePkce } from './sign-in.ts';
import type { TestServer } from './test-server.ts';

/** The password of whoever signs in by pages. */
export const password = 'a calm grey heron';

/** A program of Tailspin, so that users of Contoso are asked whether it may act for them. */
export const tailspinDesk = 'c05e1100-0000-4000-8000-0000000000d1';

/** Adds the program. */
export async function addTailspinDesk(server: TestServer): Promise<void> {
  await server.exchange.store.transact(changeDirectory, {
    kind: 'addApplication',
    organization: organizations.tailspin,
    name: 'Tailspin "Desk" & Co',
    clientId: tailspinDesk,
    redirectUris: ['http://localhost'],
    isPublic: true,
  });
}

/** Gives a user of Contoso the password. */
export async function givePassword(server: TestServer, userName: string, isTemporary = false): Promise<void> {
  await giveAnyPassword(server, userName, password, isTemporary);
}

/** The address at which a sign-in begins, and what redeems its code. */
export function beginning(origin: string, more: Readonly<Record<string, string>> = {}) {
  const { verifier, challenge } = makePkce();
  const asked = {
    client_id: tailspinDesk,
    response_type: 'code',
    redirect_uri: 'http://localhost:45678',
    scope: 'openid profile offline_access https://api.partner.microsoft.com/.default',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...more,
  };
  return { url: `${origin}/common/oauth2/v2.0/authorize?${new URLSearchParams(asked)}`, verifier };
}

/** A visit to the pages of one sign-in. */
export class Visit {
  readonly browser = new Browser();
  readonly #origin: string;
  /** The page that is shown, and its address. */
  page: Page | undefined;
  url = '';

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** Goes to an address, and on until a page is shown or the browser leaves the server. */
  async go(url: string, headers: Readonly<Record<string, string>> = {}): Promise<this> {
    return this.#follow(url, await this.browser.get(url, headers));
  }

  /** Sends the form of the page with what was typed. */
  async send(fields: Readonly<Record<string, string>>): Promise<this> {
    return this.#follow(this.url, await this.browser.post(this.url, { ...this.hidden(), ...fields }));
  }

  /** What the form carries. */
  hidden(): Record<string, string> {
    const found = (this.page?.text ?? '').matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g);
    return Object.fromEntries([...found].map(([, name = '', value = '']) => [name, value]));
  }

  async #follow(from: string, first: Page): Promise<this> {
    let [url, page] = [from, first];
    for (let steps = 0; steps < 8; steps += 1) {
      const onward = page.location ?? /http-equiv="refresh" content="0; url=([^"]*)"/.exec(page.text)?.[1];
      this.page = page;
      this.url = onward === undefined ? url : new URL(onward.replaceAll('&amp;', '&'), url).href;
      if (onward === undefined || !this.url.startsWith(this.#origin)) return this;
      url = this.url;
      page = await this.browser.get(url);
    }
    throw new Error('the sign-in does not end');
  }
}
