import type { Transport } from '@cosell/client';

/** What a scenario needs of the sandbox of an exchange (decision 36). */
export interface Sandbox {
  /** Back to the sample exchange. The clock stands still then, at an instant or at the machine's time: what it shows. */
  begin(startsAt: string | undefined): Promise<string>;
  /** Moves the clock forward, stops it or lets it go; answers what it shows. */
  setClock(change: { readonly advance?: string; readonly freeze?: boolean }): Promise<string>;
  /** Does something as another party; answers the referral that came of it, as its owner reads it. */
  act(act: Readonly<Record<string, unknown>>): Promise<unknown>;
}

/** How long before the story the clock begins: more than the reset takes. */
const leadMs = 60_000;

/** The sandbox by way of the API, with the operator's token. */
export function createSandbox(api: Transport): Sandbox {
  // Bodies are what the sandbox of the same version answers.
  const clock = async (body: object) => ((await api.setSandboxClock({ body })).body as { now: string }).now;
  return {
    async begin(startsAt) {
      // The clock goes on while the sample is loaded, and only forward: it is set to the very instant afterwards.
      const reset = startsAt === undefined ? {} : { now: new Date(Date.parse(startsAt) - leadMs).toISOString() };
      await api.resetSandbox({ body: reset });
      return clock({ freeze: true, ...(startsAt === undefined ? {} : { now: startsAt }) });
    },
    setClock: clock,
    act: async (act) => ((await api.actInSandbox({ body: act })).body as { referral: unknown }).referral,
  };
}
