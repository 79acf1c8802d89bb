const NOTES_HZ = [523.25, 659.25, 783.99];
const NOTE_SECONDS = 0.22;

/** Three rising notes, soft enough for a headset. `speakerId` empty means the system's own choice. */
export const playTestSound = async (speakerId: string): Promise<void> => {
  const context = new AudioContext();
  if (speakerId && 'setSinkId' in context)
    await (context as AudioContext & { setSinkId(id: string): Promise<void> }).setSinkId(speakerId);
  const volume = context.createGain();
  volume.connect(context.destination);
  volume.gain.value = 0.12;
  NOTES_HZ.forEach((frequency, index) => {
    const note = context.createOscillator();
    note.frequency.value = frequency;
    note.connect(volume);
    note.start(context.currentTime + index * NOTE_SECONDS);
    note.stop(context.currentTime + (index + 1) * NOTE_SECONDS);
    if (index === NOTES_HZ.length - 1) note.onended = () => void context.close();
  });
};
