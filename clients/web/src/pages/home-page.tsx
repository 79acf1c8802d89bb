import type { JSX } from 'preact';
import { me } from '../session.ts';
import { PatientHome } from './patient-home.tsx';
import { ProviderDay } from './provider-day.tsx';

/** The first page of whoever is signed in. */
export const HomePage = (): JSX.Element => (me.value?.roles.includes('provider') ? <ProviderDay /> : <PatientHome />);
