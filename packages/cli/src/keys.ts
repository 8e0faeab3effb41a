import type { Command } from 'commander';
import type { Environment } from './environment.ts';
import { withOperationsOnExisting } from './with-operations.ts';

/** `cosell keys rotate` */
export function addKeys(program: Command, environment: Environment): void {
  program
    .command('keys')
    .description('keys that the built-in issuer signs with')
    .command('rotate')
    .description('sign with a new key from now on; what the others have signed stays good')
    .option('--retire-others', 'refuse what the others have signed: they may be in wrong hands')
    .action(async ({ retireOthers: retiresOthers = false }: { retireOthers?: boolean }) => {
      const { kids, retired } = await withOperationsOnExisting(environment, 'keys', (operations) =>
        operations.rotateKeys({ retiresOthers }),
      );
      const [newest, ...others] = kids;
      const kept = others.length === 0 ? 'There is no other key.' : `Still good: ${others.join(', ')}.`;
      const gone = retired.length === 0 ? '' : ` Retired: ${retired.join(', ')}.`;
      process.stdout.write(`Tokens are signed with ${newest} from now on. ${kept}${gone}\n`);
    });
}
