import type { Outcome, PlayedStep } from './player.ts';
import type { Scenario } from './scenario.ts';

/** The columns before a step's sentence: the exchange's clock. */
const clockWidth = '2025-02-01 09:00'.length;

/** Tells a played scenario as a story, line by line. Ids and eTags are left out: they differ from play to play. */
export function createTranscript({ name, about, steps }: Scenario) {
  const nameWidth = Math.max(...steps.map(({ as }) => as.length));
  const indent = ' '.repeat(clockWidth + 2 + nameWidth + 2);
  return {
    /** What is said before the first step. */
    title: (): string[] => [name, ...wrapped(about), ''],
    /** What is said of a step. */
    step: ({ step, at, outcome, wrongs }: PlayedStep): string[] => {
      const clock = `${at.slice(0, 10)} ${at.slice(11, 16)}`;
      const { action } = step;
      const asked = 'act' in action ? action.act : action.operation;
      return [
        `${clock}  ${step.as.padEnd(nameWidth)}  ${step.sentence}`,
        `${indent}${asked}: ${describe(outcome)}`,
        ...wrongs.map(({ line, message }) => `  line ${line}: ${message}`),
      ];
    },
    /** What is said in the end: how many steps were as expected. */
    end: (played: number, isFailed: boolean): string[] => [
      '',
      isFailed
        ? `Step ${played} of ${steps.length} is not as expected${played < steps.length ? '; those after it were not played' : ''}.`
        : `${steps.length} ${steps.length === 1 ? 'step' : 'steps'}, all as expected.`,
    ],
  };
}

function describe(outcome: Outcome): string {
  if (outcome.kind === 'unasked') return 'not asked';
  if (outcome.kind === 'refused') {
    const { status, code, innerCode, details } = outcome.error;
    const codes = new Set([innerCode ?? '', ...details.map((detail) => detail.code)]);
    return [`${status} ${code ?? ''}`.trim(), ...codes].filter((text) => text !== '').join(', ');
  }
  return [String(outcome.status), ...describeBody(outcome.body)].join(', ');
}

/** A text in lines that a terminal can show. */
function wrapped(text: string): string[] {
  return text.trim().match(/\S(?:.{0,98}\S)?(?=\s|$)|\S+/g) ?? [];
}

/** What a reader wants to know of a body at once: how a referral stands, or how many a list has. */
function describeBody(body: unknown): string[] {
  const { status, substatus, registrationStatus, value } = (body ?? {}) as Record<string, unknown>;
  if (typeof status === 'string' && typeof substatus === 'string') {
    const isRegistered = typeof registrationStatus === 'string' && registrationStatus !== 'None';
    return [`${status}/${substatus}`, ...(isRegistered ? [`registration ${registrationStatus}`] : [])];
  }
  if (Array.isArray(value)) return [`${value.length} ${value.length === 1 ? 'item' : 'items'}`];
  return [];
}
