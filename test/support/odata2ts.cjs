// odata2ts asks for the compiler's interface as TypeScript 5 has it, and TypeScript 7 has none. A copy of the former comes
// with a package that it uses; this gives it that one.
const loader = /** @type {any} */ (require('node:module'));

const resolveName = loader._resolveFilename;
loader._resolveFilename = (/** @type {string} */ name, /** @type {unknown[]} */ ...others) =>
  resolveName.call(loader, name === 'typescript' ? '@ts-morph/common/dist/typescript.js' : name, ...others);
