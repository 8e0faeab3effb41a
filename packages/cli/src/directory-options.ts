import { roles } from '@cosell/model';
import { type Command, InvalidArgumentError } from 'commander';
import type { Change } from './directory-change.ts';

const roleHelp = `one of ${Object.values(roles)
  .map(({ title }) => title)
  .join(', ')}`;

/** `role <role>`, which is given or taken. */
export function addRoleCommand(
  parent: Command,
  description: string,
  kind: 'addRole' | 'removeRole',
  change: Change,
): void {
  parent
    .command('role <role>')
    .description(`${description}; ${roleHelp}`)
    .requiredOption('--user <name>', 'name or e-mail address of the user')
    .option('--location <mpnId>', 'only for this location')
    .action((role: string, { user, location }: { user: string; location?: string }) =>
      change({ kind, user, role, ...(location === undefined ? {} : { mpnId: location }) }),
    );
}

/** What a rule is found by. */
export interface RuleOptions {
  readonly organization: string;
  readonly solution?: string;
  readonly country?: string;
}

/** `routing-rule`, with the options by which one is found. */
export function ruleCommand(parent: Command, description: string): Command {
  return parent
    .command('routing-rule')
    .description(description)
    .requiredOption('--organization <id>', 'id or name of the organisation that they are for')
    .option('--solution <id>', 'only for this solution; all of them when left out')
    .option('--country <code>', 'only for customers in this country; all of them when left out');
}

/** The solution and market of a rule, as they were given. */
export function ruleKey({ organization, solution, country }: RuleOptions) {
  return {
    organization,
    ...(solution === undefined ? {} : { solutionId: solution }),
    ...(country === undefined ? {} : { country }),
  };
}

/** A number of days, as an option gives it. */
export function wholeNumber(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write a whole number.');
}
