import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import type { AddressFamily } from '../../wire/ip.ts';
import { ADDRESS_FAMILY, encodeSocketAddress, layoutsFit } from './socket-address.ts';

/**
 * What is called of the C library. A Buffer is handed over as the address of its memory, which stays where it is during
 * the call. Numbers below zero are failures; `errno()` says which, right after the call.
 */
export interface Libc {
  /** `recvmmsg(2)` and `sendmmsg(2)`, never waiting: how many messages, of at most `count`. */
  receiveMessages(fd: number, messages: Buffer, count: number): number;
  sendMessages(fd: number, messages: Buffer, count: number): number;
  /**
   * A UDP socket, bound. Throws what bind says, in the words of Node's own sockets. The descriptor is the caller's to
   * close, until it is given to a socket of Node's.
   */
  openUdp(options: { family: AddressFamily; ip: string; port: number; reusePort: boolean }): number;
  close(fd: number): void;
  errno(): number;
  /** Where memory lies that outlives its use there and is larger than what V8 keeps in its own, moving heap. */
  addressOf(memory: Buffer): number;
}

/** Of Linux on x64 and arm64. */
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0x800;
const SOCK_CLOEXEC = 0x8_0000;
const SOL_SOCKET = 1;
const SO_REUSEPORT = 15;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const MSG_DONTWAIT = 0x40;

type Functions = Readonly<Record<'recvmmsg' | 'sendmmsg' | 'socket' | 'bind' | 'setsockopt' | 'close', Call>>;
type Call = (...values: readonly (number | Buffer | null)[]) => number;

const failure = (what: string, errno: number, where: string): Error => {
  const code = getSystemErrorName(-errno);
  return Object.assign(new Error(`${what} ${code} ${where}`), { code, errno: -errno, syscall: what });
};

const opener = (functions: Functions, errno: () => number): Libc['openUdp'] => {
  const one = Buffer.alloc(4);
  one.writeInt32LE(1);
  return ({ family, ip, port, reusePort }) => {
    const where = `${ip}:${port}`;
    const fd = functions.socket(ADDRESS_FAMILY[family], SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) throw failure('socket', errno(), where);
    const address = encodeSocketAddress({ family, ip, port });
    const isBound =
      (family === 4 || functions.setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, one, one.length) === 0) &&
      (!reusePort || functions.setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, one, one.length) === 0) &&
      functions.bind(fd, address, address.length) === 0;
    if (isBound) return fd;
    const cause = failure('bind', errno(), where);
    functions.close(fd);
    throw cause;
  };
};

/** Whether the calls reach the kernel: a sandbox may refuse them, or know nothing of them. */
const isAllowed = (functions: Functions, errno: () => number): boolean => {
  const nothing = Buffer.alloc(64);
  return [
    () => functions.recvmmsg(-1, nothing, 1, MSG_DONTWAIT, null),
    () => functions.sendmmsg(-1, nothing, 1, MSG_DONTWAIT),
  ].every((call) => call() < 0 && errno() === constants.errno.EBADF);
};

const load = async (): Promise<Libc | undefined> => {
  // An optional dependency, so that nothing of this module may rest on it.
  const { default: koffi } = await import('koffi');
  const library = koffi.load(null);
  const functions: Functions = {
    recvmmsg: library.func('recvmmsg', 'int', ['int', 'void *', 'uint', 'int', 'void *']),
    sendmmsg: library.func('sendmmsg', 'int', ['int', 'void *', 'uint', 'int']),
    socket: library.func('socket', 'int', ['int', 'int', 'int']),
    bind: library.func('bind', 'int', ['int', 'void *', 'uint']),
    setsockopt: library.func('setsockopt', 'int', ['int', 'int', 'int', 'void *', 'uint']),
    close: library.func('close', 'int', ['int']),
  };
  const errno = (): number => koffi.errno();
  if (!isAllowed(functions, errno)) return undefined;
  return {
    receiveMessages: (fd, messages, count) => functions.recvmmsg(fd, messages, count, MSG_DONTWAIT, null),
    sendMessages: (fd, messages, count) => functions.sendmmsg(fd, messages, count, MSG_DONTWAIT),
    openUdp: opener(functions, errno),
    close: (fd) => void functions.close(fd),
    errno,
    addressOf: (memory) => Number(koffi.address(memory)),
  };
};

/**
 * The C library this process runs on; undefined where it cannot be called, or its structures are not known to us. Node's
 * own sockets do the same work then.
 */
export const loadLibc = (machine: { platform: string; arch: string }): Promise<Libc | undefined> =>
  layoutsFit(machine) ? load().catch(() => undefined) : Promise.resolve(undefined);
