/** Shows how far something is: a bar on a terminal, nothing elsewhere. */
export interface Progress {
  show(done: number): void;
  end(): void;
}

const width = 30;

/** A bar on standard error. `total` and `done` count the same thing, such as bytes. */
export function progressBar(label: string, total: number, output: NodeJS.WriteStream): Progress {
  if (!output.isTTY) return { show: () => undefined, end: () => undefined };
  let last = '';
  return {
    show(done) {
      const share = total === 0 ? 1 : Math.min(done / total, 1);
      const filled = Math.round(share * width);
      const line = `${label} [${'#'.repeat(filled)}${' '.repeat(width - filled)}] ${Math.round(share * 100)} %`;
      if (line !== last) output.write(`\r${line}`);
      last = line;
    },
    end() {
      if (last !== '') output.write('\n');
    },
  };
}
