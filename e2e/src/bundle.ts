import { build } from 'vite';

/** Bundles a module for the browser into one classic script. */
export const bundleForPage = async (entry: URL, name: string): Promise<string> => {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      target: 'esnext',
      minify: true,
      lib: { entry: entry.pathname, name, formats: ['iife'] },
    },
  });
  const outputs = Array.isArray(result) ? result : [result];
  for (const output of outputs) {
    if ('output' in output) return output.output[0].code;
  }
  throw new Error(`bundling ${entry.pathname} gave nothing`);
};
