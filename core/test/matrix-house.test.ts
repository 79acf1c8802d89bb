import { describeMatrix } from './support/matrix.ts';

describeMatrix(['front-desk', 'admin', 'compliance']);
