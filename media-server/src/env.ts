/**
 * mediasoup hands its workers the environment of this process as it finds it at that moment. A worker parses packets of
 * strangers; the password of the database in its environment would be the first thing that whoever took one over reads.
 * `start` spawns before it first waits, so nothing else of this process sees the smaller environment.
 */
export const withEnv = <Result>(env: Readonly<Record<string, string>>, start: () => Result): Result => {
  const own = process.env;
  process.env = { ...env };
  try {
    return start();
  } finally {
    process.env = own;
  }
};
