import type { Behaviour, Feature, Semantics } from './semantics.ts';

/** Something to which two semantics have different answers. */
export type Question = Feature | keyof Behaviour;

/** A question with both answers, as text. */
export interface Answers {
  readonly question: Question;
  readonly a: string;
  readonly b: string;
}

/** All that two semantics answer differently. */
export function answersOf(a: Semantics, b: Semantics): readonly Answers[] {
  const features = new Set([...a.features, ...b.features]);
  const told = [...features]
    .filter((feature) => a.features.has(feature) !== b.features.has(feature))
    .map((feature) => ({
      question: feature,
      a: a.features.has(feature) ? 'there' : 'not there',
      b: b.features.has(feature) ? 'there' : 'not there',
    }));
  // A Behaviour is a literal: it has no other keys.
  const behaviours = (Object.keys(a.behaviour) as readonly (keyof Behaviour)[])
    .filter((key) => a.behaviour[key] !== b.behaviour[key])
    .map((key) => ({ question: key, a: a.behaviour[key], b: b.behaviour[key] }));
  return [...told, ...behaviours];
}

/** Semantics that answer some questions as others do, and the rest as before. */
export function answering(
  semantics: Semantics,
  others: Semantics,
  questions: readonly Question[],
): Semantics {
  const features = new Set(semantics.features);
  const behaviour: Record<string, string> = { ...semantics.behaviour };
  for (const question of questions) {
    if (question in others.behaviour) {
      // Just looked up.
      behaviour[question] = others.behaviour[question as keyof Behaviour];
    } else if (others.features.has(question as Feature)) {
      features.add(question as Feature); // What is no behaviour is a feature.
    } else {
      features.delete(question as Feature);
    }
  }
  // The keys are those of a Behaviour, each with an answer of its own question.
  return { id: semantics.id, features, behaviour: behaviour as unknown as Behaviour };
}
