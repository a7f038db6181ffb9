/* text/level.c - where a value falls among the words for levels: four cuts for every scale. */
#include "text/words.h"

int word_of_level(double value)
{
    static const double cuts[LEVEL_WORDS - 1] = {2, 4, 6, 8};
    int word = 0;
    while (word < LEVEL_WORDS - 1 && value >= cuts[word])
        word++;
    return word;
}
