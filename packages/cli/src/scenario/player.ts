import { type ApiAnswer, ReferralApiError, type Transport } from '@cosell/client';
import { Failure } from '@cosell/model';
import { compare, compareError, type Mismatch } from './expectations.ts';
import { fillReferences, ReferenceProblem } from './references.ts';
import type { Sandbox } from './sandbox.ts';
import type { Act, Call, Placed, Scenario, ScenarioStep } from './scenario.ts';

/** What a scenario is played on. */
export interface Stage {
  /** The API on behalf of a user. */
  readonly transportOf: (user: string) => Transport;
  readonly sandbox: Sandbox;
}

/** What came of an action. */
export type Outcome =
  | { readonly kind: 'answered'; readonly status: number; readonly body: unknown }
  | { readonly kind: 'refused'; readonly error: ReferralApiError }
  /** It could not be asked at all. */
  | { readonly kind: 'unasked' };

/** Something that is not as the scenario says, with the line that says so. */
export interface Wrong {
  readonly line: number;
  readonly message: string;
}

/** What the player tells while it plays. */
export interface PlayedStep {
  readonly step: ScenarioStep;
  /** The exchange's clock. */
  readonly at: string;
  readonly outcome: Outcome;
  /** Empty where all is as expected. */
  readonly wrongs: readonly Wrong[];
}

/** What the player works with from step to step. */
interface Play {
  readonly stage: Stage;
  readonly saved: Map<string, unknown>;
}

/**
 * Plays a scenario on an exchange, which is reset first, and tells of each step when it is done. It ends after the last
 * step, or after the first that went wrong: those that follow build on it. While it plays, the clock stands still but
 * for the scenario's own steps.
 */
export async function* playScenario(scenario: Scenario, stage: Stage): AsyncGenerator<PlayedStep, void, undefined> {
  const { sandbox } = stage;
  const play: Play = { stage, saved: new Map() };
  let at = await sandbox.begin(scenario.startsAt);
  try {
    for (const step of scenario.steps) {
      if (step.after !== undefined) at = await sandbox.setClock({ advance: step.after });
      const played = { step, at, ...(await playStep(step, play)) };
      yield played;
      if (played.wrongs.length > 0) return;
    }
  } finally {
    await sandbox.setClock({ freeze: false });
  }
}

async function playStep(step: ScenarioStep, play: Play): Promise<Pick<PlayedStep, 'outcome' | 'wrongs'>> {
  try {
    const outcome = await perform(step, play);
    if (outcome.kind === 'answered' && step.save !== undefined) play.saved.set(step.save, outcome.body);
    return { outcome, wrongs: judge(step, outcome, play) };
  } catch (error) {
    // A reference that leads nowhere, or a user whom the directory does not know: the scenario's own fault.
    if (!(error instanceof ReferenceProblem || error instanceof Failure)) throw error;
    return { outcome: { kind: 'unasked' }, wrongs: [{ line: step.line, message: error.message }] };
  }
}

async function perform({ as, action }: ScenarioStep, { stage, saved }: Play): Promise<Outcome> {
  try {
    if ('act' in action) {
      const { act, input } = fillReferences(action, saved) as Act;
      const body = await stage.sandbox.act({ as: String(fillReferences(as, saved)), act, ...input });
      return { kind: 'answered', status: 200, body };
    }
    const { operation, ...asking } = fillReferences(action, saved) as Call;
    // The names are those of the table, and the reader has seen that each has the parameters of its path.
    const ask = stage.transportOf(as)[operation] as (asking: unknown) => Promise<ApiAnswer>;
    const answer = await ask(asking);
    return { kind: 'answered', status: answer.status, body: bodyWithTag(answer) };
  } catch (error) {
    if (!(error instanceof ReferralApiError)) throw error;
    return { kind: 'refused', error };
  }
}

/** What is saved of an answer: its body; of an empty one (PATCH), at least the eTag. */
function bodyWithTag({ body, eTag }: ApiAnswer): unknown {
  return body === undefined && eTag !== undefined ? { eTag } : body;
}

function judge(step: ScenarioStep, outcome: Outcome, { saved }: Play): Wrong[] {
  const { expect, expectError, line } = step;
  if (outcome.kind === 'unasked') return [];
  if (outcome.kind === 'refused') {
    if (expectError !== undefined) return placed(compareError(expectError.value, outcome.error), expectError);
    return [
      {
        line: expect?.lineOf([]) ?? line,
        message: `expected the step to succeed, but it was ${refusal(outcome.error)}`,
      },
    ];
  }
  if (expectError !== undefined) {
    const message = `expected the step to be refused, but it was answered with ${outcome.status}`;
    return [{ line: expectError.lineOf([]), message }];
  }
  if (expect === undefined) return [];
  const { status, body } = expect.value;
  return placed(
    [
      ...(status === undefined ? [] : compare(status, outcome.status, ['status'])),
      ...(body === undefined ? [] : compare(fillReferences(body, saved), outcome.body, ['body'])),
    ],
    expect,
  );
}

function placed(mismatches: readonly Mismatch[], { lineOf }: Placed<unknown>): Wrong[] {
  return mismatches.map(({ path, message }) => ({ line: lineOf(path), message }));
}

function refusal({ status, innerCode, message, details }: ReferralApiError): string {
  const reasons = details.map((detail) => `${detail.target ?? detail.code}: ${detail.message}`);
  return `refused with ${status} ${innerCode ?? ''}: ${[message, ...reasons].join(' ')}`;
}
