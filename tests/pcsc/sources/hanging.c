/* A vendor's module that never answers. */
#include <unistd.h>

unsigned long C_GetFunctionList(void **answer)
{
    (void) answer;
    for (;;)
        pause();
}
