import { describeMatrix } from './support/matrix.ts';

describeMatrix(['patient', 'provider', 'service']);
