import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** Bundles a module for the browser into one script: `iife` a classic one, `es` one of type module. */
export const bundleForPage = async (entry: URL, name: string, format: 'iife' | 'es' = 'iife'): Promise<string> => {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      target: 'esnext',
      minify: true,
      lib: { entry: fileURLToPath(entry), name, formats: [format] },
    },
  });
  const outputs = Array.isArray(result) ? result : [result];
  for (const output of outputs) {
    if ('output' in output) return output.output[0].code;
  }
  throw new Error(`bundling ${entry.pathname} gave nothing`);
};
