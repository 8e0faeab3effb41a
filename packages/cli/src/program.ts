import { settings, version } from '@cosell/server';
import { Command } from 'commander';
import { addAudit } from './audit.ts';
import { addBackup } from './backup.ts';
import { addCleanUp } from './clean-up.ts';
import { addDirectoryCommands } from './directory.ts';
import type { Environment } from './environment.ts';
import { addExplain } from './explain.ts';
import { addExport } from './export.ts';
import { addGet } from './get.ts';
import { addImport } from './import.ts';
import { addKeys } from './keys.ts';
import { addPassword, addSecondFactor } from './password.ts';
import { addPlay } from './play.ts';
import { addReindex } from './reindex.ts';
import { addRestore } from './restore.ts';
import { addStart } from './start.ts';
import { addToken } from './token.ts';
import { addVacuum } from './vacuum.ts';
import { addVerify } from './verify.ts';

/** The whole command, each part in a file of its own. */
export function buildProgram(environment: Environment): Command {
  const program = new Command('cosell')
    .description('A self-hosted referral exchange that speaks the Partner Center Referrals API.')
    .version(version)
    .showHelpAfterError()
    .addHelpText('after', settingsHelp());
  addStart(program, environment);
  addToken(program, environment);
  addKeys(program, environment);
  addExplain(program, environment);
  addGet(program, environment);
  addImport(program, environment);
  addExport(program, environment);
  addVerify(program, environment);
  addDirectoryCommands(program, environment);
  addPassword(program, environment);
  addSecondFactor(program, environment);
  addCleanUp(program, environment);
  addAudit(program, environment);
  addReindex(program, environment);
  addPlay(program, environment);
  addBackup(program, environment);
  addRestore(program, environment);
  addVacuum(program, environment);
  return program;
}

function settingsHelp(): string {
  const rows = Object.values(settings).map(
    ({ variable, sentence, defaultText }) => `  ${variable.padEnd(15)} ${sentence} Default: ${defaultText}.`,
  );
  return `\nSettings are environment variables:\n${rows.join('\n')}\n`;
}
