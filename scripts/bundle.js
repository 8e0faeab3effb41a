/**
 * Puts the modules of each package into few files: Node takes about a millisecond for every module that it loads, and there
 * are hundreds. What other packages and npm have stays outside. Types, and modules one by one for tests, are in `dist`.
 */
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

/** What is loaded by name: by other packages, as a command, as a thread or as a process. */
const entries = {
  odata: ['index'],
  model: ['index'],
  client: ['index'],
  server: ['index', 'writer-thread', 'reader-thread', 'check-process', 'worker-process'],
  cli: ['main'],
};

await Promise.all(
  Object.entries(entries).map(async ([name, modules]) => {
    const folder = fileURLToPath(new URL(`../packages/${name}/`, import.meta.url));
    const bundle = await rolldown({
      input: Object.fromEntries(modules.map((module) => [module, join(folder, 'dist', `${module}.js`)])),
      platform: 'node',
      tsconfig: false,
      external: (id) => !id.startsWith('.') && !isAbsolute(id),
    });
    const { output } = await bundle.generate({ format: 'esm', chunkFileNames: 'part-[hash].js' });
    const target = join(folder, 'bundle');
    mkdirSync(target, { recursive: true });
    const written = output.map((file) => {
      if (file.type !== 'chunk') throw new Error(`${file.fileName} is no code`);
      // Somebody may be starting an exchange.
      const temporary = join(target, `.${process.pid}-${file.fileName}`);
      writeFileSync(temporary, file.code);
      renameSync(temporary, join(target, file.fileName));
      return file.fileName;
    });
    const former = readdirSync(target).filter((file) => file.startsWith('part-') && !written.includes(file));
    for (const file of former) rmSync(join(target, file), { force: true });
  }),
);
