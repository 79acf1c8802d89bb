import { defineConfig } from 'vitest/config';

/**
 * Three kinds of test, run one kind after the other: on two cores a browser that shares the machine with database
 * tests misses its deadlines. Unit tests touch nothing and run in threads; integration tests own sockets, databases
 * and media workers, each file in a process of its own; browser tests have the machine to themselves.
 */
export default defineConfig({
  test: {
    reporters: ['default'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.{ts,tsx,mjs}'],
          exclude: ['**/node_modules/**', '**/dist/**', '**/test/**', '**/*.e2e.test.ts'],
          pool: 'threads',
          testTimeout: 5_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'integration',
          include: ['**/test/**/*.test.{ts,mjs}'],
          exclude: ['**/node_modules/**', '**/dist/**', '**/*.e2e.test.ts'],
          pool: 'forks',
          maxWorkers: 2,
          globalSetup: ['ops/postgres/vitest-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 90_000,
          expect: { poll: { timeout: 15_000 } },
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/**/*.e2e.test.ts', 'clients/**/*.e2e.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 240_000,
          hookTimeout: 240_000,
          expect: { poll: { timeout: 30_000 } },
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
