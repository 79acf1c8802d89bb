export const DeskWaitlist = (): null => null;
