import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { leanZod } from './lean-zod.ts';

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const deviceModule = fileURLToPath(new URL('Device.js', import.meta.resolve('mediasoup-client')));

export default defineConfig({
  plugins: [leanZod()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  resolve: {
    alias: [
      // The package's entry also holds its test doubles and handlers of other platforms; a patient downloads the device.
      { find: /^mediasoup-client$/, replacement: deviceModule },
      // mediasoup-client's debug log keeps its settings in web storage, which this app never touches.
      { find: /^debug$/, replacement: fromHere('src/vendor/silent-debug.ts') },
    ],
  },
  build: {
    target: 'es2023',
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
