import type { ErrorOut, KoaContextWithOIDC } from 'oidc-provider';
import { randomText } from '../../identity/random-text.ts';
import {
  type DeviceProblem,
  deviceCodePage,
  deviceDonePage,
  deviceRefusedPage,
  signedOutPage,
} from '../pages/device-page.ts';
import { html } from '../pages/html.ts';
import { errorPage, layout, type PageFrame } from '../pages/layout.ts';
import { pageHeaders } from '../pages/page-headers.ts';
import { chooseLanguage, sayIn } from '../pages/phrases.ts';

/** What is wrong with a code that was entered, by the name of the library's error. */
const problems: Readonly<Record<string, DeviceProblem>> = {
  NoCodeError: 'codeMissing',
  NotFoundError: 'codeUnknown',
  ExpiredError: 'codeUnknown',
  AlreadyUsedError: 'codeUnknown',
};

/** The pages that the provider's library has drawn for it; those of sign-in are another matter. */
export function providerPages() {
  const show = (ctx: KoaContextWithOIDC, draw: (frame: PageFrame) => string, leadsAway = false) => {
    const nonce = randomText(16);
    ctx.type = 'html';
    const headers = pageHeaders(nonce, leadsAway);
    for (let at = 0; at < headers.length; at += 2) ctx.set(headers[at] ?? '', headers[at + 1] ?? '');
    const { ui_locales: wanted } = { ...ctx.query, ...ctx.oidc?.params };
    const language = chooseLanguage(typeof wanted === 'string' ? wanted : undefined, ctx.get('accept-language'));
    ctx.body = draw({ language, nonce });
  };
  const form = (ctx: KoaContextWithOIDC) => ({
    action: ctx.oidc.urlFor('code_verification'),
    xsrf: String((ctx.oidc.session?.state as { secret?: unknown } | undefined)?.secret ?? ''),
  });
  return {
    renderError(ctx: KoaContextWithOIDC, { error, error_description: description }: ErrorOut) {
      const text = description === undefined ? error : `${description} (${error})`;
      show(ctx, (frame) => errorPage(frame, { help: { text } }));
    },
    logoutSource(ctx: KoaContextWithOIDC) {
      const action = ctx.oidc.urlFor('end_session_confirm');
      const { xsrf } = form(ctx);
      show(
        ctx,
        (frame) => {
          const say = sayIn(frame.language);
          const body = html`<form method="post" action="${action}">
<input type="hidden" name="xsrf" value="${xsrf}">
<button name="logout" value="yes">${say('signOut')}</button>
</form>`;
          return layout(frame, { title: say('signOut'), body });
        },
        true,
      );
    },
    postLogoutSuccessSource: (ctx: KoaContextWithOIDC) => show(ctx, signedOutPage),
    device: {
      userCodeInputSource(ctx: KoaContextWithOIDC, _form: string, _out?: ErrorOut, error?: Error) {
        const { name = '' } = error ?? {};
        if (name === 'AbortedError') return show(ctx, deviceRefusedPage);
        // Without a session no form could be sent: cookies are off, or it was too long ago.
        if (error !== undefined && ctx.oidc.session?.exp === undefined) {
          return show(ctx, (frame) => errorPage(frame, { title: 'expiredTitle', help: 'expiredHelp' }));
        }
        const problem = error === undefined ? undefined : (problems[name] ?? 'failed');
        const entered = ctx.oidc.params?.user_code;
        const userCode = typeof entered === 'string' ? entered : undefined;
        show(ctx, (frame) => deviceCodePage({ ...frame, ...form(ctx), problem, userCode }));
      },
      userCodeConfirmSource(
        ctx: KoaContextWithOIDC,
        _form: string,
        client: { readonly clientName?: string | undefined },
        _device: unknown,
        userCode: string,
      ) {
        const { clientName = '' } = client;
        show(ctx, (frame) => deviceCodePage({ ...frame, ...form(ctx), userCode, clientName }));
      },
      successSource(ctx: KoaContextWithOIDC) {
        const clientName = String(ctx.oidc.client?.clientName ?? '');
        show(ctx, (frame) => deviceDonePage({ ...frame, clientName }));
      },
    },
  };
}
