"""Who of the company may enter which customer's environment, by what right and until when; and how each environment is
set. Of what is in them nothing is known here: the customer is the controller.

Environments and grants come with the copy, as exports tell them. People review grants; what is to be revoked is an
order to the owner of the system, and the next export says whether it was done.
"""
