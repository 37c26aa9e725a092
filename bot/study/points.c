#include "bot/study/points.h"

int points_grade(unsigned ticks, int all)
{
    int named = 0;
    for (int i = 0; i < all && i < POINTS_MAX; i++)
        named += (int)(ticks >> i & 1u);
    return all <= 0 ? 0 : 4 * named >= 3 * all ? 3 : 2 * named >= all ? 2 : 1;
}
