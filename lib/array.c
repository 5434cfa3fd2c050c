/* SPDX-License-Identifier: MIT */
#include "array.h"

#include <stdint.h>
#include <stdlib.h>

void *array_grow(void *items, size_t count, size_t size)
{
    if (items && (count & (count - 1)) != 0)
        return items;
    size_t room = count > 0 ? count * 2 : 1;
    return room > SIZE_MAX / size ? NULL : realloc(items, room * size);
}
