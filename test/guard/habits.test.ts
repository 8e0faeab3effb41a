import { describe, expect, it } from 'vitest';
import { listFiles, listSources, readText } from './source-files.ts';

const sources = listSources();

/** Every place in the sources that a pattern matches, as `file:line`. */
function placesOf(pattern: RegExp, files: readonly string[] = sources): string[] {
  return files.flatMap((path) =>
    readText(path)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}`] : [])),
  );
}

describe('the sources', () => {
  it('are there', () => {
    expect(sources.length).toBeGreaterThan(60);
  });

  it('are named for what is in them', () => {
    const vague = /\/(utils?|helpers?|manager|service|types|impl|dto|common|misc)\.ts$/i;
    expect(sources.filter((path) => vague.test(path) || !/^[a-z0-9./-]+$/.test(path))).toEqual([]);
  });

  it('have at most 300 lines; tables are data and may be longer', () => {
    const limit = (path: string) => (/model\/src\/(referral|failures)\.ts$/.test(path) ? 500 : 300);
    const written = sources.filter(
      (path) => !readText(path).startsWith('/** Generated') && !/^\/\/ Generated/.test(readText(path)),
    );
    const long = written.filter((path) => readText(path).split('\n').length - 1 > limit(path));
    expect(long).toEqual([]);
  });

  it('have no function of more than 100 lines', () => {
    const long = sources.flatMap((path) => {
      let start = -1;
      return readText(path)
        .split('\n')
        .flatMap((line, index) => {
          if (/^(export )?(async )?function /.test(line)) start = index;
          if (line !== '}') return [];
          const length = start < 0 ? 0 : index - start;
          start = -1;
          return length > 100 ? [`${path}:${index + 1 - length}`] : [];
        });
    });
    expect(long).toEqual([]);
  });

  it('ask neither clock, stopwatch nor chance but in the one place that does', () => {
    const others = sources.filter((path) => path !== 'packages/server/src/surroundings.ts');
    expect(placesOf(/Date\.now\(|performance\.now\(|randomUUID\(|Math\.random\(|new Date\(\)/, others)).toEqual([]);
  });

  it('read no environment and print nothing but in the command', () => {
    // A library prints a notice when it is loaded; the file that loads it keeps it from that.
    const printing = ['packages/cli/src/main.ts', 'packages/server/src/http/provider/provider-library.ts'];
    const others = sources.filter((path) => !printing.includes(path));
    expect(placesOf(/process\.env\b|console\./, others)).toEqual([]);
  });

  it('have no escape hatch', () => {
    expect(placesOf(/: any\b|<any\b|as any\b|@ts-|biome-ignore lint|export default|^(export )?enum /)).toEqual([]);
  });

  it('say in one sentence what each export is', () => {
    // A file that is one table is described at its top.
    const table = /^export const (failures|roles|settings|enumerations|faultCodes|extensions|referralSchema)\b/;
    const silent = sources.flatMap((path) => {
      const lines = readText(path).split('\n');
      return lines.flatMap((line, index) => {
        const isExport = /^export (async )?(function|class|interface|type|const) (?!\{)/.test(line);
        const isOverload = /^export function|^function/.test(lines[index - 1] ?? '');
        const isTold =
          /\*\/$/.test(lines[index - 1] ?? '') || isOverload || table.test(line) || path.endsWith('/index.ts');
        return isExport && !isTold ? [`${path}:${index + 1}`] : [];
      });
    });
    expect(silent).toEqual([]);
  });
});

describe('the checkout', () => {
  const packages = listFiles().filter((path) => /^(packages\/\w+\/|bench\/peers\/\w+\/)?package\.json$/.test(path));
  const dependencies = packages.flatMap((path) => {
    const manifest = JSON.parse(readText(path)) as Record<string, Record<string, string> | undefined>;
    return Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
  });

  it('names no machine and no registry', () => {
    const texts = listFiles().filter(
      (path) => /\.(ts|js|json|md|sql|yml|txt)$|^\.ci\//.test(path) && !path.startsWith('test/guard/'),
    );
    expect(placesOf(/\/(work|root|home)\/|registry\.\w+\.\w+/, texts)).toEqual([]);
  });

  it('pins every dependency to one version', () => {
    expect(dependencies.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  });

  it('justifies every dependency in one line', () => {
    const page = readText('docs/dependencies.md');
    const foreign = dependencies.filter(([name]) => !name.startsWith('@cosell/'));
    expect(foreign.length).toBeGreaterThan(8);
    expect(foreign.filter(([name, version]) => !page.includes(`| \`${name}\` | ${version} |`))).toEqual([]);
  });
});
