import { text } from 'node:stream/consumers';
import type { ExplainedStep, Explanation } from '@cosell/server';
import type { Command } from 'commander';
import type { Environment } from './environment.ts';
import { withOperationsOnExisting } from './with-operations.ts';

/** `cosell explain <token> [id]` */
export function addExplain(program: Command, environment: Environment): void {
  program
    .command('explain')
    .description('say step by step why a token is let in or refused, and what to do')
    .argument('<token>', 'an access token; - reads it from standard input, so that no history keeps it')
    .argument('[id]', 'a referral that is asked for with it')
    .option('--json', 'print JSON')
    .action(async (given: string, id: string | undefined, { json = false }: { json?: boolean }) => {
      const token = given === '-' ? await text(process.stdin) : given;
      const explanation = await withOperationsOnExisting(environment, 'explain', (operations) =>
        operations.explain({ token, id }),
      );
      process.stdout.write(json ? `${JSON.stringify(explanation, null, 2)}\n` : tell(explanation));
      if (!explanation.isAllowed) process.exitCode = 1;
    });
}

const marks = { passed: '✓', failed: '✗', notReached: '–' } as const;

function tell({ isAllowed, mayWrite, steps }: Explanation): string {
  const lines = steps.flatMap(tellStep);
  if (!isAllowed) lines.push('', 'Refused.');
  else if (mayWrite === null) lines.push('', 'Allowed.');
  else
    lines.push(
      '',
      mayWrite ? 'Allowed: he reads the referral and may write it.' : 'Allowed: he reads it and may not write it.',
    );
  return `${lines.join('\n')}\n`;
}

function tellStep({ check, sentence, state, found, refusal, mend }: ExplainedStep): string[] {
  const lines = [`${marks[state]} ${check.padEnd(12)} ${sentence}`];
  const indent = ' '.repeat(15);
  if (state !== 'notReached' && found !== null) lines.push(`${indent}Found: ${found}.`);
  if (refusal !== null) lines.push(`${indent}Refused with ${refusal.innerCode}: ${refusal.message}`);
  if (mend !== null) lines.push(`${indent}To do: ${mend}`);
  return lines;
}
